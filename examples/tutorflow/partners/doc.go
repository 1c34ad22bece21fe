// Package partners runs stand-ins for the services TutorFlow depends on, Kakao
// OAuth, Toss Payments and Kakao Alimtalk, each as an HTTP server of its own on
// a loopback port, so that the example makes real calls without the Internet.
//
//	p, err := partners.Start(ctx, partners.Config{Latency: 1})
//	if err != nil {
//		return err
//	}
//	defer p.Shutdown(context.Background())
//	toss := clients.NewToss(http.DefaultClient, p.Toss.URL())
//
// The stand-ins keep no state, and what they answer follows from the request:
//
//   - Kakao gives the token "kakao-42" for the authorization code "code-42" and
//     knows its owner as user 42; other codes and tokens are refused.
//   - Toss declines every amount that ends in 13.
//   - Alimtalk takes every message with a recipient.
//
// SetFault makes one of them fail, hang or answer late. Shutdown stops all of
// them and waits, hanging requests included.
//
// Only what TutorFlow uses is there: this is no test double for the real APIs.
package partners
