// Package nethttp observes net/http: a server middleware that records what
// really happened to each request, a ServeMux that knows its routes, and a
// client transport.
//
//	middleware, err := nethttp.New(nethttp.Config{HTTP: instruments})
//	mux := nethttp.NewServeMux(instruments)
//	mux.HandleFunc("GET /bookings/{id}", showBooking)
//	server := &http.Server{Handler: middleware.Wrap(mux)}
//
// The package telemetry does this wiring; use this package alone to observe a
// server in a program that builds its own pipeline.
//
// # What is recorded
//
// The middleware runs otelhttp outside, for spans, propagation and the standard
// http.server.request.duration, and an own recorder inside it. With neither
// spans nor standard metrics otelhttp is left out. The recorder counts each
// request once when the handler has returned, whatever way it returned:
//
//   - A panic is status 500. It is answered with 500 when nothing was sent yet;
//     otherwise the connection is cut, so that the client cannot take half an
//     answer for a whole one.
//   - A panic with http.ErrAbortHandler is raised again. It has the status that
//     was sent, and 500 if none was.
//   - A client that went away before the answer is 499, never a 5xx.
//   - A hijacked connection is 101. Neither it nor a text/event-stream is in the
//     latency histogram, whose count otherwise equals the request counter.
//
// The span of a request says the same. The standard http.server.request.duration
// is otelhttp's own: it lacks a request whose panic goes on, has the whole time
// of a stream, and takes a client that went away without an answer, and a
// hijacked connection, for 200. Its http.server.response.body.size lacks what
// was written as a string or copied from a reader.
//
// Recovery aside, the client gets the bytes that it would without the
// middleware, and X-Request-Id. There is one exception: net/http closes the
// connection after http.MaxBytesReader has refused a body, yet it does so only
// for its own writer; behind any middleware that wraps the writer it reads up to
// 256 KiB of the rest and keeps the connection.
//
// # Where the route comes from
//
// NewServeMux, CaptureRoute and SetRoute put the route into the request's
// context, so it survives middleware that copies the request, http.StripPrefix
// and http.TimeoutHandler. An http.ServeMux right inside the middleware works as
// it is. A request without a route has the endpoint "unmatched"; a path never
// becomes a label.
package nethttp
