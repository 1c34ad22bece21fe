// Package all names every exporter of this module, for programs that leave the
// choice to the configuration:
//
//	tel, err := telemetry.Init(ctx, service, telemetry.WithExporters(all.Factories()...))
//
// It links what all of them need. None is opened before it is chosen.
package all
