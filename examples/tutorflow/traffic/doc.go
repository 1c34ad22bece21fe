// Package traffic sends synthetic requests to the example API, so that its
// dashboards have something to show.
//
//	err := traffic.Run(ctx, "http://127.0.0.1:8000", 20)
//
// The mix is that of a small tutoring service: mostly reading, some bookings
// that are approved, paid for, held and reviewed, and now and then a declined
// card, a thing that does not exist and a request that makes no sense.
//
// Run returns when ctx ends and leaves nothing behind. It is never faster than
// asked and never has more than 32 requests open: when the API is slower than
// that, requests are left out and not queued. What is chosen follows from a
// fixed seed; what comes of it depends on the answers.
//
// It is no load test: it measures nothing and does not try to keep up.
package traffic
