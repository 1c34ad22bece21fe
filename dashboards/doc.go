// Package dashboards holds the Grafana dashboards of the SDK as classic
// dashboard JSON, which Grafana 10 and later import by hand and by file
// provisioning. The files are generated from Go and embedded:
//
//	err := os.CopyFS("/var/lib/grafana/dashboards/tutorflow", dashboards.FS())
//
// # Import by hand
//
// In Grafana choose Dashboards, New, Import and upload a file of the json
// folder. There is nothing to fill in: the data source is a variable of the
// dashboard, set to the default Prometheus.
//
// # Provision
//
// Copy the json folder and point a provider at it:
//
//	apiVersion: 1
//	providers:
//	  - name: tutorflow
//	    folder: TutorFlow
//	    type: file
//	    options:
//	      path: /var/lib/grafana/dashboards/tutorflow
//
// Set timeInterval on the Prometheus data source to the scrape interval, which
// $__rate_interval is derived from, and exemplarTraceIdDestinations to the
// tracing data source, so that the dots on the latency panels open a trace.
//
// # What a dashboard reads
//
// The metrics of telemetry/catalog, and the series that the rules of package
// alerting record: in the row "What the alerts threshold", for everything about
// objectives and last week, and to tell the targets of a service from others.
// Those panels are empty until the rules are loaded, and say so.
//
// # What an empty panel means
//
// A number without errors is 0. A share or a latency without requests reads "No
// traffic" or the like: there is nothing to judge. Whether the numbers can be
// believed at all says "Instances scraped", which is red when nothing is.
//
// # Changing a dashboard
//
// They are not editable in Grafana; save a copy there for experiments. To change
// one for good edit internal/boards and run
//
//	go generate ./dashboards/...
//
// The package internal/grafana knows the JSON and nothing of TutorFlow,
// internal/promql writes the queries' idioms, and internal/boards has one file a
// dashboard. Threshold lines come from the constants of package alerting.
package dashboards
