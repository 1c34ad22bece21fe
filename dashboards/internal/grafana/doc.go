// Package grafana writes classic Grafana dashboards: the parts of the JSON model
// that are used here, the defaults they share, and the layout. It knows nothing
// of TutorFlow.
//
// A dashboard is made of rows, a row of panels, a panel of targets:
//
//	rate := grafana.Timeseries("Request rate", "What it means and what to do.", "reqps",
//		grafana.Query(`sum(rate(http_requests_total[$__rate_interval]))`, "all"))
//	d := grafana.Dashboard{UID: "api", Title: "API"}
//	d.Layout(grafana.Row{Title: "Rate", Panels: []*grafana.Panel{rate}})
//	data, err := grafana.Marshal(d)
//
// The same dashboard always marshals to the same bytes.
package grafana
