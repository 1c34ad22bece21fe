package e2e_test

import (
	"testing"

	"github.com/tutorflow/observability/examples/tutorflow/app"
)

// A query that parses can still fail when series are there: two of them for one
// match, a label that one side alone has. Somebody would find out in an incident.
func TestEveryQueryOfARunbookRunsOnAServiceThatFails(t *testing.T) {
	s := startService(t, func(c *app.Config) { c.ErrorRate = 0.2 })
	p := newProm(t, ruleFile)
	p.scrape(s.url)
	p.minutes(8, s)

	evaluate := func(query string) (int, error) {
		q, err := p.engine.NewInstantQuery(t.Context(), p.storage, nil, query, p.now.Add(-interval))
		if err != nil {
			return 0, err
		}
		defer q.Close()
		result := q.Exec(t.Context())
		if result.Err != nil {
			return 0, result.Err
		}
		vector, err := result.Vector()
		return len(vector), err
	}
	answered := 0
	for where, query := range runbookQueries(t) {
		n, err := evaluate(query)
		if err != nil {
			t.Errorf("%s: %v", where, err)
		}
		if n > 0 {
			answered++
		}
	}
	// Others are empty because nothing is wrong but the errors.
	if answered < 70 {
		t.Errorf("only %d queries have a result", answered)
	}
	if _, err := evaluate(`tutorflow_http_requests_total / on (job) tutorflow_errors_total`); err == nil {
		t.Error("a query that matches many to many is not caught")
	}
}
