package dashboards

import (
	"embed"
	"io/fs"
)

//go:generate go run ./generate -out json

//go:embed json/*.json
var files embed.FS

// FS returns the dashboards, one JSON file each, at the root. It is read-only
// and safe for concurrent use.
func FS() fs.FS {
	sub, err := fs.Sub(files, "json")
	if err != nil {
		panic(err) // The name is a constant and valid.
	}
	return sub
}

// Dashboard identifies one dashboard. UID is its address below /d/ in Grafana
// and never changes; File is its name in FS.
type Dashboard struct {
	UID   string
	Title string
	File  string
}

// List returns every dashboard, in the order in which an operator needs them.
// The slice is the caller's.
func List() []Dashboard {
	return []Dashboard{
		{UID: "tutorflow-api", Title: "TutorFlow / API", File: "tutorflow-api.json"},
		{UID: "tutorflow-business", Title: "TutorFlow / Business", File: "tutorflow-business.json"},
		{UID: "tutorflow-dependencies", Title: "TutorFlow / Dependencies", File: "tutorflow-dependencies.json"},
		{UID: "tutorflow-runtime", Title: "TutorFlow / Go runtime", File: "tutorflow-runtime.json"},
		{UID: "tutorflow-telemetry", Title: "TutorFlow / Telemetry", File: "tutorflow-telemetry.json"},
	}
}
