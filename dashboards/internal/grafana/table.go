package grafana

// Transformation changes what the queries of a panel returned before it is shown.
type Transformation struct {
	ID      string `json:"id"`
	Options any    `json:"options"`
}

// Organize are the options of the transformation that hides, sorts and renames
// columns.
type Organize struct {
	ExcludeByName map[string]bool   `json:"excludeByName"`
	IndexByName   map[string]int    `json:"indexByName"`
	RenameByName  map[string]string `json:"renameByName"`
}

// TableOptions are the options of a Table.
type TableOptions struct {
	FrameIndex int      `json:"frameIndex"`
	ShowHeader bool     `json:"showHeader"`
	CellHeight string   `json:"cellHeight"`
	SortBy     []SortBy `json:"sortBy"`
}

// SortBy is a column by which a Table is sorted.
type SortBy struct {
	DisplayName string `json:"displayName"`
	Desc        bool   `json:"desc"`
}

// Column is a number in each line of a Table. Above Limit it is Bad; 0 is no
// limit.
type Column struct {
	Title string
	Unit  string
	Expr  string
	Limit float64
}

// Table is a panel with a line for each set of the labels, as wide as the grid,
// the largest number of the first column first. The queries of at least two
// columns have exactly these labels.
func Table(title, description string, labels []string, columns ...Column) *Panel {
	var targets []Target
	for _, c := range columns {
		t := Query(c.Expr, "")
		t.Range, t.Instant, t.Format = false, true, "table"
		targets = append(targets, t)
	}
	p := newPanel("table", title, description, columns[0].Unit, targets)
	p.GridPos = GridPos{W: gridWidth, H: 9}
	order := Organize{ExcludeByName: map[string]bool{"Time": true}, IndexByName: map[string]int{}, RenameByName: map[string]string{}}
	for i, l := range labels {
		order.IndexByName[l] = i
	}
	for i, c := range columns {
		value := "Value #" + targets[i].RefID
		order.IndexByName[value] = len(labels) + i
		order.RenameByName[value] = c.Title
		p.column(c)
	}
	p.Transformations = []Transformation{{ID: "merge", Options: struct{}{}}, {ID: "organize", Options: order}}
	p.Options = TableOptions{ShowHeader: true, CellHeight: "sm", SortBy: []SortBy{{columns[0].Title, true}}}
	return p
}

func (p *Panel) column(c Column) {
	properties := []Property{{"unit", c.Unit}}
	if c.Limit > 0 {
		properties = append(properties,
			Property{"thresholds", limits(Step{Bad, &c.Limit})},
			Property{"custom.cellOptions", map[string]string{"type": "color-text"}})
	}
	p.override(Matcher{"byName", c.Title}, properties...)
}

// LinkColumn opens url by a click on the value of a label; url may use
// ${__data.fields.NAME}.
func (p *Panel) LinkColumn(label, title, url string) *Panel {
	return p.override(Matcher{"byName", label}, Property{"links", []Link{urlLink(title, url)}})
}
