package mutants_test

// equivalent are the defects that change nothing, with the reason.
var equivalent = map[string]string{
	"job:tutorflow_payments_failed:increase15m : the largest for the sum, place 2":               timesZero,
	"job:tutorflow_payments_failed:increase15m : a rate for an increase, place 2":                timesZero,
	"job:tutorflow_payments_failed:increase15m : the second status of two":                       whereNoneFailed,
	"job:tutorflow_payments_failed:ratio15m : the largest for the sum, place 2":                  timesZero,
	"job:tutorflow_payments_failed:ratio15m : a rate for an increase, place 2":                   timesZero,
	"job:tutorflow_payments_failed:ratio15m : the second status of two":                          whereNoneFailed,
	"job:tutorflow_payments_failed:ratio15m : every status, place 2":                             withoutWhole,
	"job:tutorflow_payments_failed:ratio15m : a window of a quarter of an hour doubled, place 2": withoutWhole,
	"job_exporter_signal:tutorflow_telemetry_exports_failed:ratio15m : every exporter":           withoutWhole,
	"job_exporter_signal:tutorflow_telemetry_exports_failed:ratio15m : every exporter, place 2":  "there is no part without the filter of the other place",
	"job_instance:promhttp_metric_handler_errors:increase15m : the largest for the sum":          "an instance has one series of a cause",
}

const (
	timesZero       = "any number is 0 times 0"
	whereNoneFailed = "zeros are taken where there is no series of failed payments"
	withoutWhole    = "a part for which there is no whole gives no ratio"
)
