// Command soak drives the example service at full speed for a while, switches
// faults on and off around it, and fails if the service grows or loses count.
//
//	go run ./soak -binary ../../bin/tutorflow -for 10m
//
// It runs in cycles: the load starts, a fault comes and goes, the load stops,
// and when the service is at rest it is measured. What is compared is the
// service with itself some cycles ago (goroutines, descriptors, heap after a
// collection, series), and what it says with what happened: the answers that the
// clients got, the rows in its database, the lines on its stdout, and what
// arrived at the collector. The service is the built command and its own
// process; the collector, the clients and the faults are in this one.
package main
