// Package comparison runs one table of promises on two services: one that this
// SDK makes observable, and one whose team wired the same libraries by hand, as
// their documentation shows. The SDK must keep each promise, and the libraries
// alone must break it, in the way that the table says.
//
//	go test -v -run Comparison ./comparison
//
// prints what becomes of each promise without the SDK. When a library mends a
// fault its row fails, so that the table is changed: nobody should use an SDK
// for what the libraries do by themselves.
//
// Both services have the same routes and are configured by the same variables of
// the environment. Cases that end a process run in one of their own.
package comparison
