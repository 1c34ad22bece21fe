// Package kubernetes wraps the alert rules and the dashboards as manifests of
// Kubernetes:
//
//	rules, err := fs.ReadFile(alerting.FS(), "rules/tutorflow.yaml")
//	manifests, err := kubernetes.Manifests(rules, dashboards.FS())
//	err = os.WriteFile("prometheusrule.yaml", manifests["prometheusrule.yaml"], 0o644)
//
// "go generate" writes them to examples/kubernetes, beside the manifests that
// are written by hand. It does so after the rules and the dashboards, whose
// packages come first by name.
package kubernetes

//go:generate go run ./generate -out ../../examples/kubernetes
