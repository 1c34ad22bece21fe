// Package faults makes an HTTP API misbehave in a controlled way, for trying out
// alerts.
//
//	f, err := faults.New(faults.Config{ErrorRate: 0.05, Slow: 2 * time.Second})
//	if err != nil {
//		return err
//	}
//	api.Register(f.Routes(mux))
//
// The faults are spread evenly and not drawn by lot: an error rate of 0.2 is
// every fifth request. Only paths below /api/ are touched. A handler is wrapped
// inside the mux, not around it, so that a failed request still has its route.
//
// The package starts nothing; its middleware ends with the request.
package faults
