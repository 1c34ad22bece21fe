// Package kubernetes proves that the manifests in examples/kubernetes are what a
// cluster takes and what the service needs: it builds them with kustomize's own
// code, has kubectl-validate and promtool read them, and checks that what they
// name, select and promise to each other is there.
//
//	make test
//
// builds the two programs and the definitions of the operator's objects into
// bin/ before it runs the tests.
package kubernetes
