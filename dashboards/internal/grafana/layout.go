package grafana

// gridWidth is the number of columns of Grafana's grid.
const gridWidth = 24

// GridPos is a place on the grid, in columns and in rows of 38 pixels.
type GridPos struct {
	H int `json:"h"`
	W int `json:"w"`
	X int `json:"x"`
	Y int `json:"y"`
}

// Row is a titled group of panels.
type Row struct {
	Title  string
	Panels []*Panel
}

// Layout numbers the panels and places them below one another: each row starts
// with its title, and its panels fill lines from the left. The dashboard needs its
// UID before.
func (d *Dashboard) Layout(rows ...Row) {
	y := 0
	add := func(p *Panel, pos GridPos) {
		p.ID = len(d.Panels) + 1
		p.GridPos = pos
		d.Panels = append(d.Panels, p)
	}
	for _, row := range rows {
		add(rowPanel(row.Title), GridPos{H: 1, W: gridWidth, Y: y})
		y++
		x, height := 0, 0
		for _, p := range row.Panels {
			if x+p.GridPos.W > gridWidth {
				x, y, height = 0, y+height, 0
			}
			add(p, GridPos{H: p.GridPos.H, W: p.GridPos.W, X: x, Y: y})
			x += p.GridPos.W
			height = max(height, p.GridPos.H)
		}
		y += height
	}
	for _, p := range d.Panels {
		p.linkDetail(d.UID)
	}
}

func rowPanel(title string) *Panel {
	collapsed := false
	return &Panel{Type: "row", Title: title, Collapsed: &collapsed, Panels: &[]*Panel{}}
}
