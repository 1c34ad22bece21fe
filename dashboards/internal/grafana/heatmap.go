package grafana

// HeatmapOptions are the options of a Heatmap.
type HeatmapOptions struct {
	Calculate    bool            `json:"calculate"`
	Color        HeatmapColor    `json:"color"`
	RowsFrame    RowsFrame       `json:"rowsFrame"`
	YAxis        YAxis           `json:"yAxis"`
	CellValues   CellValues      `json:"cellValues"`
	CellGap      int             `json:"cellGap"`
	ShowValue    string          `json:"showValue"`
	FilterValues FilterValues    `json:"filterValues"`
	Legend       HeatmapLegend   `json:"legend"`
	Tooltip      HeatmapTooltip  `json:"tooltip"`
	Exemplars    ExemplarOptions `json:"exemplars"`
}

// HeatmapColor says how a cell's number becomes a colour.
type HeatmapColor struct {
	Mode     string  `json:"mode"`
	Scheme   string  `json:"scheme"`
	Fill     string  `json:"fill"`
	Scale    string  `json:"scale"`
	Exponent float64 `json:"exponent"`
	Steps    int     `json:"steps"`
	Reverse  bool    `json:"reverse"`
}

// RowsFrame says how the rows lie to their labels.
type RowsFrame struct {
	Layout string `json:"layout"`
}

// YAxis is the axis of the buckets.
type YAxis struct {
	Unit          string `json:"unit"`
	AxisPlacement string `json:"axisPlacement"`
	Reverse       bool   `json:"reverse"`
}

// CellValues says what the number of a cell is.
type CellValues struct {
	Unit string `json:"unit"`
}

// FilterValues hides cells with less than Le.
type FilterValues struct {
	Le float64 `json:"le"`
}

// HeatmapLegend is the scale of colours.
type HeatmapLegend struct {
	Show bool `json:"show"`
}

// HeatmapTooltip is what the pointer shows.
type HeatmapTooltip struct {
	Mode           string `json:"mode"`
	YHistogram     bool   `json:"yHistogram"`
	ShowColorScale bool   `json:"showColorScale"`
}

// ExemplarOptions is the look of the dots.
type ExemplarOptions struct {
	Color string `json:"color"`
}

// Heatmap is a panel of a histogram over time, with exemplars, half the grid
// wide. buckets has a series for each le; unit is that of the bounds, cells that
// of the numbers.
func Heatmap(title, description, unit, cells, buckets string) *Panel {
	t := Query(buckets, "{{le}}").WithExemplars()
	t.Format = "heatmap"
	p := newPanel("heatmap", title, description, unit, []Target{t})
	p.GridPos = GridPos{W: 12, H: 8}
	p.Options = HeatmapOptions{
		Color:        HeatmapColor{Mode: "scheme", Scheme: "Oranges", Fill: "dark-orange", Scale: "exponential", Exponent: 0.5, Steps: 64},
		RowsFrame:    RowsFrame{"auto"},
		YAxis:        YAxis{Unit: unit, AxisPlacement: "left"},
		CellValues:   CellValues{cells},
		CellGap:      1,
		ShowValue:    "never",
		FilterValues: FilterValues{1e-9},
		Legend:       HeatmapLegend{true},
		Tooltip:      HeatmapTooltip{Mode: "single", YHistogram: true},
		Exemplars:    ExemplarOptions{"rgba(255,0,255,0.7)"},
	}
	return p
}
