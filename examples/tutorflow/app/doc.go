// Package app puts the example service together: configuration, telemetry,
// database, partners, health checks and routes. It is the place to look at for
// how a service uses the SDK.
//
//	a, err := app.New(ctx, app.Config{Address: "127.0.0.1:8000"})
//	if err != nil {
//		return err
//	}
//	return a.Run(ctx) // until ctx ends or the process is told to
package app
