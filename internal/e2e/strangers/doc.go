// Package strangers sends a complete service what no honest client sends, over
// raw sockets: random and oversized requests, bytes that are no text, trace
// contexts and baggage that want to decide here. The service answers, its series
// and its memory stay what they were, and its telemetry is complete.
package strangers
