// Package promql writes the few PromQL shapes that the dashboards are made of.
// Each has one traps-included form, so that no panel gets it wrong: rates before
// sums, quantiles over le, ratios that are 0 without errors and absent without
// traffic.
package promql
