// Package clients calls the partners of TutorFlow: Kakao OAuth, Toss Payments
// and Kakao Alimtalk.
//
//	toss := clients.NewToss(&http.Client{Transport: transport}, "https://api.tosspayments.com")
//	err := toss.Confirm(ctx, "key", "order-1", 45000)
//	if clients.Declined(err) {
//		// the card was refused; anything else is a fault
//	}
//
// A client starts nothing and needs no closing; the http.Client it was given
// may be shared, and a client may be used by many goroutines at once. A call
// takes five seconds at most, less when ctx ends before. Nothing is retried: a
// payment must not be made twice.
//
// An answer that is not 2xx becomes an *Error. No error holds a token, a code
// or a payment key.
package clients
