package grafana

// Good, Fair, Bad and Worst are the colours of judged values.
const (
	Good  = "green"
	Fair  = "orange"
	Bad   = "red"
	Worst = "dark-red"
)

// Limit judges the values: good, and bad above limit. A Stat takes the colour, a
// Timeseries draws a dashed line.
func (p *Panel) Limit(limit float64) *Panel {
	p.FieldConfig.Defaults.Thresholds = limits(Step{Bad, &limit})
	p.dash()
	return p
}

// Floor judges the values: good from floor on, and bad below.
func (p *Panel) Floor(floor float64) *Panel {
	p.FieldConfig.Defaults.Thresholds = &Thresholds{Mode: "absolute", Steps: []Step{{Color: Bad}, {Good, &floor}}}
	p.dash()
	return p
}

// Limits judges the values in up to three steps: good, fair above the first, bad
// above the second and worst above the third.
func (p *Panel) Limits(values ...float64) *Panel {
	p.FieldConfig.Defaults.Thresholds = limits(steps(values, Fair, Bad, Worst)...)
	p.dash()
	return p
}

// Floors judges the values in two steps: bad below the first, fair below the
// second, and good from there on.
func (p *Panel) Floors(fair, good float64) *Panel {
	p.FieldConfig.Defaults.Thresholds = &Thresholds{Mode: "absolute", Steps: append([]Step{{Color: Bad}}, steps([]float64{fair, good}, Fair, Good)...)}
	p.dash()
	return p
}

func steps(values []float64, colors ...string) []Step {
	var all []Step
	for i := range values {
		all = append(all, Step{colors[i], &values[i]})
	}
	return all
}

func (p *Panel) dash() {
	if p.FieldConfig.Defaults.Custom != nil {
		p.FieldConfig.Defaults.Custom.ThresholdsStyle.Mode = "dashed"
	}
}

// RightAxis moves the series of the query refID to an axis and a unit of their
// own, with a line at minimum.
func (p *Panel) RightAxis(refID, unit string, minimum float64) *Panel {
	return p.override(Matcher{"byFrameRefID", refID},
		Property{"unit", unit},
		Property{"custom.axisPlacement", "right"},
		Property{"custom.fillOpacity", 0},
		Property{"custom.lineStyle", map[string]any{"fill": "dot", "dash": []int{1, 4}}},
		Property{"thresholds", limits(Step{Fair, &minimum})},
		Property{"custom.thresholdsStyle", Style{"dashed"}},
	)
}

// Dashed draws the lines of the query refID dashed and unfilled: what they are
// compared with.
func (p *Panel) Dashed(refID string) *Panel {
	return p.override(Matcher{"byFrameRefID", refID},
		Property{"custom.lineStyle", map[string]any{"fill": "dash", "dash": []int{10, 10}}},
		Property{"custom.fillOpacity", 0},
	)
}

// ColorSeries fixes the colour of the series with the name.
func (p *Panel) ColorSeries(name, color string) *Panel {
	return p.override(Matcher{"byName", name}, Property{"color", Color{Mode: "fixed", FixedColor: color}})
}

// ShadeSeries gives the series whose names match the regular expression shades of
// one colour.
func (p *Panel) ShadeSeries(pattern, color string) *Panel {
	return p.override(Matcher{"byRegexp", "/" + pattern + "/"}, Property{"color", Color{Mode: "shades", FixedColor: color}})
}

func (p *Panel) override(m Matcher, properties ...Property) *Panel {
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, Override{m, properties})
	return p
}

func limits(steps ...Step) *Thresholds {
	return &Thresholds{Mode: "absolute", Steps: append([]Step{{Color: Good}}, steps...)}
}
