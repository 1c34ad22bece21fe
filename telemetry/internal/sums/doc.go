// Package sums decides which numbers may be added to a sum of the
// OpenTelemetry SDK, which takes all of them: NaN makes a sum useless for ever,
// and integers, into which it also adds floats that are whole, turn negative
// past the largest one.
//
//	var room sums.Headroom
//	if n >= 0 && room.Int(n) {
//		counter.Add(ctx, n)
//	}
package sums
