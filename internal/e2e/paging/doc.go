// Package paging proves that an alert reaches somebody, and that the ones which
// would only be noise do not: it starts the example's command, Prometheus and
// Alertmanager as processes, with the rules and the configurations of package
// alerting, and takes the webhooks.
//
//	make test-stack
//
// builds the programs into bin/ and runs the tests, which are skipped otherwise.
package paging
