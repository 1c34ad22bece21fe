package grafana

// FieldConfig says how the values of a panel look.
type FieldConfig struct {
	Defaults  Field      `json:"defaults"`
	Overrides []Override `json:"overrides"`
}

// Field is the look of a value.
type Field struct {
	Unit       string      `json:"unit"`
	Min        *float64    `json:"min,omitempty"`
	Max        *float64    `json:"max,omitempty"`
	Decimals   *int        `json:"decimals,omitempty"`
	NoValue    string      `json:"noValue"`
	Color      *Color      `json:"color,omitempty"`
	Thresholds *Thresholds `json:"thresholds,omitempty"`
	Custom     *Custom     `json:"custom,omitempty"`
	Mappings   []Mapping   `json:"mappings,omitempty"`
	Links      []Link      `json:"links,omitempty"`
}

// Color is a way to colour series.
type Color struct {
	Mode       string `json:"mode"`
	FixedColor string `json:"fixedColor,omitempty"`
}

// Custom is the part of a Field that only Timeseries have.
type Custom struct {
	DrawStyle       string   `json:"drawStyle"`
	LineWidth       int      `json:"lineWidth"`
	FillOpacity     int      `json:"fillOpacity"`
	ShowPoints      string   `json:"showPoints"`
	SpanNulls       bool     `json:"spanNulls"`
	Stacking        Stacking `json:"stacking"`
	ThresholdsStyle Style    `json:"thresholdsStyle"`
}

// Stacking says which series are stacked.
type Stacking struct {
	Mode  string `json:"mode"`
	Group string `json:"group"`
}

// Style says how thresholds are drawn.
type Style struct {
	Mode string `json:"mode"`
}

// Thresholds are the values from which on a colour holds, lowest first.
type Thresholds struct {
	Mode  string `json:"mode"`
	Steps []Step `json:"steps"`
}

// Step is one threshold; the lowest has no value.
type Step struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"`
}

// Mapping gives values a text and a colour; Type is value, and Options has the
// values as its keys.
type Mapping struct {
	Type    string                   `json:"type"`
	Options map[string]MappingResult `json:"options"`
}

// MappingResult is what a value becomes. Index is its place in the list.
type MappingResult struct {
	Text  string `json:"text"`
	Color string `json:"color"`
	Index int    `json:"index"`
}

// Override changes the look of the series that Matcher finds.
type Override struct {
	Matcher    Matcher    `json:"matcher"`
	Properties []Property `json:"properties"`
}

// Matcher finds series; ID is byName, byRegexp or byFrameRefID.
type Matcher struct {
	ID      string `json:"id"`
	Options string `json:"options"`
}

// Property is one changed setting.
type Property struct {
	ID    string `json:"id"`
	Value any    `json:"value"`
}

// TimeseriesOptions are the options of a Timeseries.
type TimeseriesOptions struct {
	Legend  Legend  `json:"legend"`
	Tooltip Tooltip `json:"tooltip"`
}

// Legend is the list of series below a graph.
type Legend struct {
	DisplayMode string   `json:"displayMode"`
	Placement   string   `json:"placement"`
	ShowLegend  bool     `json:"showLegend"`
	Calcs       []string `json:"calcs"`
}

// Tooltip is what the pointer shows.
type Tooltip struct {
	Mode string `json:"mode"`
	Sort string `json:"sort"`
}

// StatOptions are the options of a Stat.
type StatOptions struct {
	ReduceOptions Reduce `json:"reduceOptions"`
	ColorMode     string `json:"colorMode"`
	GraphMode     string `json:"graphMode"`
	TextMode      string `json:"textMode"`
	JustifyMode   string `json:"justifyMode"`
	Orientation   string `json:"orientation"`

	PercentChangeColorMode string `json:"percentChangeColorMode"`
	ShowPercentChange      bool   `json:"showPercentChange"`
	WideLayout             bool   `json:"wideLayout"`
}

// Reduce says which of the values becomes the number of a Stat.
type Reduce struct {
	Values bool     `json:"values"`
	Calcs  []string `json:"calcs"`
	Fields string   `json:"fields"`
}
