package grafana

// BarGaugeOptions are the options of a BarGauge.
type BarGaugeOptions struct {
	ReduceOptions Reduce `json:"reduceOptions"`
	DisplayMode   string `json:"displayMode"`
	Orientation   string `json:"orientation"`
	ValueMode     string `json:"valueMode"`
	ShowUnfilled  bool   `json:"showUnfilled"`
	MinVizHeight  int    `json:"minVizHeight"`
	MinVizWidth   int    `json:"minVizWidth"`
	MaxVizHeight  int    `json:"maxVizHeight"`
	NamePlacement string `json:"namePlacement"`
	Sizing        string `json:"sizing"`
	Legend        Legend `json:"legend"`
}

// BarGauge is a panel of horizontal bars, one a series, half of the grid wide.
// Like a Stat it asks for the values now. It is what a ranking takes: in a
// graph over time the series of a topk come and go.
func BarGauge(title, description, unit string, targets ...Target) *Panel {
	for i := range targets {
		targets[i].Range, targets[i].Instant = false, true
	}
	p := newPanel("bargauge", title, description, unit, targets)
	p.GridPos = GridPos{W: 12, H: 8}
	p.FieldConfig.Defaults.Color = &Color{Mode: "fixed", FixedColor: "blue"}
	p.FieldConfig.Defaults.Thresholds = limits()
	p.Options = BarGaugeOptions{
		ReduceOptions: Reduce{Calcs: []string{"lastNotNull"}},
		DisplayMode:   "basic", Orientation: "horizontal", ValueMode: "text", ShowUnfilled: false,
		MinVizHeight: 16, MinVizWidth: 8, MaxVizHeight: 300, NamePlacement: "left", Sizing: "auto",
		Legend: Legend{DisplayMode: "list", Placement: "bottom", Calcs: []string{}},
	}
	return p
}
