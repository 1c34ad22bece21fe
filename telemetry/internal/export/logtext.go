package export

import (
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
)

// repairRecord repairs the texts of r, and touches nothing where they are UTF-8.
func repairRecord(r *sdklog.Record) {
	sound := true
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		sound = validKeyValue(kv)
		return sound
	})
	if sound && utf8.ValidString(r.EventName()) && utf8.ValidString(r.SeverityText()) && validValue(r.Body()) {
		return
	}
	*r = r.Clone() // it shares attributes with the processor's
	r.SetEventName(repairText(r.EventName()))
	r.SetSeverityText(repairText(r.SeverityText()))
	r.SetBody(repairValue(r.Body()))
	if !sound {
		kvs := make([]attribute.KeyValue, 0, r.AttributesLen())
		r.WalkAttributes(func(kv attribute.KeyValue) bool {
			kvs = append(kvs, kv)
			return true
		})
		r.SetAttributes(repairKeyValues(kvs)...)
	}
}
