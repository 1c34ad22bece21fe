package health

// hysteresis turns the outcomes of single runs into the status that is shown. It is not
// safe for concurrent use.
type hysteresis struct {
	failures, successes int // how many in a row make the shown status worse, or better

	status Status // empty before the first outcome
	reason Reason
	worse  int
	better int
}

// observe takes the next outcome and reports whether the shown status changed to that
// outcome's in a way worth telling: a first outcome that is healthy is not.
func (h *hysteresis) observe(o outcome) (changed bool) {
	switch first := h.status == ""; {
	case first:
		h.show(o.status)
		changed = o.status != StatusHealthy
	case severity(o.status) > severity(h.status):
		h.better = 0
		h.worse++
		if h.worse >= h.failures {
			h.show(o.status)
			changed = true
		}
	case severity(o.status) < severity(h.status):
		h.worse = 0
		h.better++
		if h.better >= h.successes {
			h.show(o.status)
			changed = true
		}
	default:
		h.worse, h.better = 0, 0
	}
	// While the shown status waits for its threshold, it keeps the reason that it had.
	if o.status == h.status {
		h.reason = o.reason
	}
	return changed
}

func (h *hysteresis) show(s Status) {
	h.status, h.worse, h.better = s, 0, 0
}
