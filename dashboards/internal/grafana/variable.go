package grafana

// Datasource points to a data source.
type Datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// selected is the data source that the reader of a dashboard has chosen. No
// other one ever appears: a literal UID would tie the dashboard to one Grafana.
func selected() *Datasource { return &Datasource{Type: "prometheus", UID: "${datasource}"} }

// Variable is a drop-down at the top of a dashboard.
type Variable struct {
	Name       string         `json:"name"`
	Label      string         `json:"label"`
	Type       string         `json:"type"`
	Datasource *Datasource    `json:"datasource,omitempty"`
	Query      any            `json:"query"`
	Definition string         `json:"definition,omitempty"`
	Regex      string         `json:"regex"`
	Multi      bool           `json:"multi"`
	IncludeAll bool           `json:"includeAll"`
	AllValue   string         `json:"allValue,omitempty"`
	Current    map[string]any `json:"current"`
	Refresh    int            `json:"refresh"`
	Sort       int            `json:"sort,omitempty"`
	Hide       int            `json:"hide"`
}

const (
	onLoad          = 1
	onTimeRange     = 2
	sortAlphabetic  = 1
	variableQueryID = "PrometheusVariableQueryEditor-VariableQuery"
)

// DatasourceVariable chooses among the Prometheus data sources.
func DatasourceVariable() Variable {
	return Variable{
		Name: "datasource", Label: "Data source", Type: "datasource",
		Query: "prometheus", Current: map[string]any{"text": "default", "value": "default"}, Refresh: onLoad,
	}
}

// LabelVariable chooses any number of the values that a label has on the series
// of selector. All of them is the default, as a pattern that also covers values
// which appear later.
func LabelVariable(name, label, selector string) Variable {
	query := "label_values(" + selector + ", " + name + ")"
	return Variable{
		Name: name, Label: label, Type: "query", Datasource: selected(),
		Query:      map[string]string{"query": query, "refId": variableQueryID},
		Definition: query,
		Multi:      true, IncludeAll: true, AllValue: ".+",
		Current: map[string]any{"text": []string{"All"}, "value": []string{"$__all"}},
		Refresh: onTimeRange, Sort: sortAlphabetic,
	}
}

// Annotation marks instants on every panel.
type Annotation struct {
	Name            string      `json:"name"`
	Datasource      *Datasource `json:"datasource"`
	Enable          bool        `json:"enable"`
	IconColor       string      `json:"iconColor"`
	Expr            string      `json:"expr"`
	TitleFormat     string      `json:"titleFormat"`
	TagKeys         string      `json:"tagKeys,omitempty"`
	UseValueForTime bool        `json:"useValueForTime"`
}

// Mark shows an annotation while expr has a value.
func Mark(name, color, expr, title string) Annotation {
	return Annotation{Name: name, Datasource: selected(), Enable: true, IconColor: color, Expr: expr, TitleFormat: title}
}

// MarkAt shows an annotation at the instant that expr has as its value, in
// milliseconds since 1970.
func MarkAt(name, color, expr, title string) Annotation {
	a := Mark(name, color, expr, title)
	a.UseValueForTime = true
	return a
}

// Off leaves the annotation to be switched on by the reader.
func (a Annotation) Off() Annotation {
	a.Enable = false
	return a
}
