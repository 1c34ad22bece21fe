// Package mutants tests the tests of the alert rules: it plants one defect at a
// time into the rules, such as a doubled threshold, a guard that is gone, a window
// twice as long, and wants promtool's unit tests to fail. A defect that they let
// pass is one that nobody would notice.
package mutants
