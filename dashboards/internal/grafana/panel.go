package grafana

import "strconv"

// Panel is one panel or the title of a row.
type Panel struct {
	ID          int          `json:"id"`
	Type        string       `json:"type"`
	Title       string       `json:"title"`
	Description string       `json:"description,omitempty"`
	Datasource  *Datasource  `json:"datasource,omitempty"`
	GridPos     GridPos      `json:"gridPos"`
	Targets     []Target     `json:"targets,omitempty"`
	FieldConfig *FieldConfig `json:"fieldConfig,omitempty"`
	Options     any          `json:"options,omitempty"`
	Links       []Link       `json:"links,omitempty"`
	Collapsed   *bool        `json:"collapsed,omitempty"`
	Panels      *[]*Panel    `json:"panels,omitempty"`

	Transformations []Transformation `json:"transformations,omitempty"`

	detail *Panel // what the panel's link opens, resolved by Layout
}

// Target is a query of a panel.
type Target struct {
	RefID        string      `json:"refId"`
	Datasource   *Datasource `json:"datasource"`
	EditorMode   string      `json:"editorMode"`
	Expr         string      `json:"expr"`
	LegendFormat string      `json:"legendFormat"`
	Range        bool        `json:"range"`
	Instant      bool        `json:"instant"`
	Exemplar     bool        `json:"exemplar"`
	Format       string      `json:"format,omitempty"`
}

// Query is a target over the panel's time range; legend may use {{label}}.
func Query(expr, legend string) Target {
	return Target{Datasource: selected(), EditorMode: "code", Expr: expr, LegendFormat: legend, Range: true}
}

// WithExemplars also asks for the traces behind the numbers.
func (t Target) WithExemplars() Target {
	t.Exemplar = true
	return t
}

// Timeseries is a panel of lines, a third of the grid wide. unit is Grafana's id
// of a unit. Values start at 0 and an empty panel reads "No data".
func Timeseries(title, description, unit string, targets ...Target) *Panel {
	p := newPanel("timeseries", title, description, unit, targets)
	p.GridPos = GridPos{W: 8, H: 8}
	p.FieldConfig.Defaults.Color = &Color{Mode: "palette-classic"}
	p.FieldConfig.Defaults.Custom = &Custom{
		DrawStyle: "line", LineWidth: 1, FillOpacity: 10, ShowPoints: "never",
		Stacking:        Stacking{Mode: "none", Group: "A"},
		ThresholdsStyle: Style{Mode: "off"},
	}
	p.Options = TimeseriesOptions{
		Legend:  Legend{DisplayMode: "table", Placement: "bottom", ShowLegend: true, Calcs: []string{"mean", "max", "lastNotNull"}},
		Tooltip: Tooltip{Mode: "multi", Sort: "desc"},
	}
	return p
}

// Stat is a panel of one big number, a quarter of the grid wide. It asks for the
// value now: the last value of a range could be hours old.
func Stat(title, description, unit string, targets ...Target) *Panel {
	for i := range targets {
		targets[i].Range, targets[i].Instant = false, true
	}
	p := newPanel("stat", title, description, unit, targets)
	p.GridPos = GridPos{W: 6, H: 4}
	p.FieldConfig.Defaults.Color = &Color{Mode: "thresholds"}
	p.FieldConfig.Defaults.Thresholds = limits()
	p.Options = StatOptions{
		ReduceOptions: Reduce{Calcs: []string{"lastNotNull"}},
		ColorMode:     "value", GraphMode: "none", TextMode: "auto", JustifyMode: "auto", Orientation: "auto",
		PercentChangeColorMode: "standard", WideLayout: true,
	}
	return p
}

func newPanel(kind, title, description, unit string, targets []Target) *Panel {
	for i := range targets {
		targets[i].RefID = refID(i)
	}
	zero := 0.0
	return &Panel{
		Type: kind, Title: title, Description: description,
		Datasource:  selected(),
		Targets:     targets,
		FieldConfig: &FieldConfig{Defaults: Field{Unit: unit, Min: &zero, NoValue: "No data"}, Overrides: []Override{}},
	}
}

// refID names the queries of a panel A, B, C.
func refID(i int) string {
	if i >= 26 {
		return "Q" + strconv.Itoa(i)
	}
	return string(rune('A' + i))
}

// Width sets the panel's width in columns of 24.
func (p *Panel) Width(columns int) *Panel {
	p.GridPos.W = columns
	return p
}

// Height sets the panel's height in rows of the grid.
func (p *Panel) Height(rows int) *Panel {
	p.GridPos.H = rows
	return p
}

// NoValue sets what an empty panel reads.
func (p *Panel) NoValue(text string) *Panel {
	p.FieldConfig.Defaults.NoValue = text
	return p
}

// BelowZero lets the scale start at the lowest value.
func (p *Panel) BelowZero() *Panel {
	p.FieldConfig.Defaults.Min = nil
	return p
}

// UpTo sets the top of the scale.
func (p *Panel) UpTo(top float64) *Panel {
	p.FieldConfig.Defaults.Max = &top
	return p
}

// Decimals sets the number of digits after the point.
func (p *Panel) Decimals(n int) *Panel {
	p.FieldConfig.Defaults.Decimals = &n
	return p
}

// Stacked stacks the series of a Timeseries.
func (p *Panel) Stacked() *Panel {
	p.FieldConfig.Defaults.Custom.Stacking.Mode = "normal"
	p.FieldConfig.Defaults.Custom.FillOpacity = 40
	return p
}
