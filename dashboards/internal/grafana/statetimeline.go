package grafana

// StateTimelineOptions are the options of a StateTimeline.
type StateTimelineOptions struct {
	ShowValue   string  `json:"showValue"`
	RowHeight   float64 `json:"rowHeight"`
	MergeValues bool    `json:"mergeValues"`
	AlignValue  string  `json:"alignValue"`
	Legend      Legend  `json:"legend"`
	Tooltip     Tooltip `json:"tooltip"`
}

// State is a value that a StateTimeline shows as a text in a colour.
type State struct {
	Value string
	Text  string
	Color string
}

// StateTimeline is a panel with a bar for each series, half the grid wide, which
// changes its colour when the state changes.
func StateTimeline(title, description string, states []State, targets ...Target) *Panel {
	p := newPanel("state-timeline", title, description, "none", targets)
	p.GridPos = GridPos{W: 12, H: 8}
	results := map[string]MappingResult{}
	for i, s := range states {
		results[s.Value] = MappingResult{Text: s.Text, Color: s.Color, Index: i}
	}
	p.FieldConfig.Defaults.Mappings = []Mapping{{Type: "value", Options: results}}
	p.FieldConfig.Defaults.Color = &Color{Mode: "thresholds"}
	p.FieldConfig.Defaults.Thresholds = limits()
	p.Options = StateTimelineOptions{
		ShowValue: "never", RowHeight: 0.9, MergeValues: true, AlignValue: "left",
		Legend:  Legend{DisplayMode: "list", Placement: "bottom", ShowLegend: true, Calcs: []string{}},
		Tooltip: Tooltip{Mode: "single", Sort: "none"},
	}
	return p
}
