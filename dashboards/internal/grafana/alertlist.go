package grafana

// AlertListOptions are the options of an AlertList.
type AlertListOptions struct {
	ViewMode                 string      `json:"viewMode"`
	GroupMode                string      `json:"groupMode"`
	GroupBy                  []string    `json:"groupBy"`
	MaxItems                 int         `json:"maxItems"`
	SortOrder                int         `json:"sortOrder"`
	DashboardAlerts          bool        `json:"dashboardAlerts"`
	AlertName                string      `json:"alertName"`
	AlertInstanceLabelFilter string      `json:"alertInstanceLabelFilter"`
	ShowInstances            bool        `json:"showInstances"`
	ShowInactiveAlerts       bool        `json:"showInactiveAlerts"`
	StateFilter              StateFilter `json:"stateFilter"`
}

// StateFilter chooses alerts by their state.
type StateFilter struct {
	Firing  bool `json:"firing"`
	Pending bool `json:"pending"`
	NoData  bool `json:"noData"`
	Normal  bool `json:"normal"`
	Error   bool `json:"error"`
}

const sortByImportance = 3

// AlertList is a panel of the alerts that fire or are about to, two thirds of the
// grid wide. Grafana asks every data source for them; filter is a PromQL matcher
// in braces on their labels, which may use variables.
func AlertList(title, description, filter string) *Panel {
	return &Panel{
		Type: "alertlist", Title: title, Description: description,
		GridPos: GridPos{W: 16, H: 6},
		Options: AlertListOptions{
			ViewMode: "list", GroupMode: "default", GroupBy: []string{}, MaxItems: 20, SortOrder: sortByImportance,
			AlertInstanceLabelFilter: filter, ShowInstances: true,
			StateFilter: StateFilter{Firing: true, Pending: true, Error: true},
		},
	}
}
