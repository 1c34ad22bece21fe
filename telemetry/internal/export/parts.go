package export

import (
	"context"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// piece is how large the pieces are at the most into which a metric is taken
// apart, unless one point is larger. Small ones fill an export better.
const piece = maxExport / 16

// metricPiece are the points from one to another of one metric, which is told by
// indices.
type metricPiece struct {
	scope, metric, from, to int
	size                    int
}

// exportParts exports data in parts of at most maxExport, each counted for
// itself. A metric that is too large for one is in several, each time under its
// name, scope and resource: to a receiver that is the metric with other series.
func (r *Reader) exportParts(data *metricdata.ResourceMetrics) {
	tooLarge := inParts(pieces(data.ScopeMetrics), sizeOfResource(data.Resource),
		func(p *metricPiece) int { return p.size },
		func(part []metricPiece) {
			of := &metricdata.ResourceMetrics{Resource: data.Resource, ScopeMetrics: joined(part, data.ScopeMetrics)}
			r.export(points(part), func(ctx context.Context) error { return r.exporter.Export(ctx, of) })
		})
	r.lose(points(tooLarge))
}

func points(pieces []metricPiece) (n int) {
	for _, p := range pieces {
		n += p.to - p.from
	}
	return n
}

func pieces(scopes []metricdata.ScopeMetrics) (all []metricPiece) {
	for scope, s := range scopes {
		for metric, m := range s.Metrics {
			list := pointsOf(m.Data)
			head := sizeOfScope(s.Scope) + partSize + len(m.Name) + len(m.Description) + len(m.Unit)
			p := metricPiece{scope: scope, metric: metric, size: head}
			for i := range list.count {
				n := list.size(i)
				if i > p.from && p.size+n > piece {
					all = append(all, p)
					p.from, p.size = i, head
				}
				p.to = i + 1
				p.size += n
			}
			if list.count > 0 {
				all = append(all, p)
			}
		}
	}
	return all
}

// joined makes metrics of pieces, each metric once.
func joined(part []metricPiece, scopes []metricdata.ScopeMetrics) (all []metricdata.ScopeMetrics) {
	for i := 0; i < len(part); {
		p := part[i]
		if i == 0 || p.scope != part[i-1].scope {
			all = append(all, metricdata.ScopeMetrics{Scope: scopes[p.scope].Scope})
		}
		// Pieces of a metric follow one another, but for one that was too large.
		for i++; i < len(part) && part[i].scope == p.scope && part[i].metric == p.metric && part[i].from == p.to; i++ {
			p.to = part[i].to
		}
		m := scopes[p.scope].Metrics[p.metric]
		m.Data = pointsOf(m.Data).slice(p.from, p.to)
		s := &all[len(all)-1]
		s.Metrics = append(s.Metrics, m)
	}
	return all
}
