package alerting

import (
	"embed"
	"io/fs"
)

//go:generate go run ./generate -out rules/tutorflow.yaml

//go:embed rules/*.yaml tests/*.yaml prometheus.yml alertmanager.yml
var files embed.FS

// FS returns the rules, their tests, prometheus.yml and alertmanager.yml, under the
// paths that they have in this folder. It is read-only and safe for concurrent use.
func FS() fs.FS { return files }
