// Package config is the configuration of the telemetry: what can be set, where
// it is read from, what is allowed, and what is in effect.
//
//	loaded, err := config.Load(os.Environ())
//	loaded.Change(func(c *config.Config) { c.Logs.Access = false })
//	err = errors.Join(err, loaded.Validate())
//	fmt.Println(loaded) // metrics.exporters=prometheus,otlp (OTEL_METRICS_EXPORTER), …
//
// Telemetry.Init does this. Defaults are changed by a file (FileVariable names
// it), that by the environment, and that by code. Every value is checked before
// the OpenTelemetry SDK sees it, which takes many a wrong one in silence and ends
// the process over some.
//
// A setting is one entry of the tables in settings.go and settings_otlp.go: its
// key in the file, its variables, its type, its field and its description. The
// file's schema, the documentation and the listing of the effective values come
// from there.
package config
