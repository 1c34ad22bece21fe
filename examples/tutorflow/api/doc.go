// Package api is the HTTP API of the example service: bookings, payments,
// reviews, attendance and tutors.
//
//	a := api.New(db, api.Partners{Kakao: kakao, Toss: toss, Alimtalk: alimtalk}, tel)
//	a.Register(mux)
//
// An API starts nothing and is stopped by stopping its server.
//
// Bodies are JSON of at most 64 kB, and a field the API does not know is an
// error. Every refusal is {"error":{"code":"…","message":"…"}}: 400 for a
// request that cannot be read, 401 for a login that Kakao refuses, 402 for a
// card that is declined, 404, 409 for a state that forbids it, 413, 422 for a
// value out of range, 499 when the client is gone, 500, and 502 or 504 for a
// partner that fails or does not answer. What broke inside is reported as an
// event and never told to the client.
//
// A booking belongs to the user whose Kakao access token comes as
// "Authorization: Bearer …", or whose authorization code comes as
// "Authorization: Kakao …", and to a demo user without either. There are no
// further permissions: this is an example.
package api
