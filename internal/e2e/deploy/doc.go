// Package deploy proves that the files which deploy the service are right
// without deploying it: each is read by the reader of the program that it is
// for, what is built is built, and what one file says of another is compared.
//
// The readers are here, in the module of the tests, so that their dependencies
// stay out of the SDK.
package deploy
