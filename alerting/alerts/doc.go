// Package alerts defines every alert and every series that an alert compares:
// one file a subject, with the recorded series first and the alerts below. The
// rule file and the dashboards are both generated from it, so that a panel plots
// the very numbers that an alert compares, with a line where it fires.
//
//	for _, a := range alerts.All(alerts.Defaults()) {
//		fmt.Println(a.Title(), a.Severity, a.Expr())
//	}
//
// # Adding an alert
//
// Record what it compares, name the series level:metric:operation with the level
// listing its labels, and write the alert as conditions on such series. All
// conditions of an alert are on series with the same labels. Then "make generate"
// adds the rule and its panel, and the tests ask for a runbook and for unit tests.
package alerts
