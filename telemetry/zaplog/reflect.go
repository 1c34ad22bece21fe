package zaplog

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

// frozen is a value in the form in which it will be written.
type frozen string

// reflected writes a value of any type, after begin has written its key or
// comma. It goes through encoding/json and copies the outcome piece by piece,
// so that nested keys are redacted and nested strings bounded as well.
func (e *encoder) reflected(v any, begin func() bool) error {
	switch v := v.(type) {
	case frozen:
		if begin() {
			e.buf = append(e.buf, v...)
		}
		return nil
	case *url.URL:
		if begin() {
			e.text(cleanURL(v))
		}
		return nil
	case url.URL:
		if begin() {
			e.text(cleanURL(&v))
		}
		return nil
	case *http.Cookie, http.Cookie, []*http.Cookie:
		if begin() {
			e.text(redacted)
		}
		return nil
	case error:
		if begin() {
			e.errorText(textOf(v))
		}
		return nil
	case context.Context:
		if begin() {
			e.text("context")
		}
		return nil
	}
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if !begin() {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	return e.copy(dec)
}

// copy writes the next value of dec.
func (e *encoder) copy(dec *json.Decoder) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	switch t := token.(type) {
	case json.Delim:
		return e.copyAll(dec, t)
	case string:
		e.text(t)
	case json.Number:
		e.buf = append(e.buf, t...)
	case bool:
		e.buf = strconv.AppendBool(e.buf, t)
	default:
		e.buf = append(e.buf, "null"...)
	}
	return nil
}

func (e *encoder) copyAll(dec *json.Decoder, open json.Delim) error {
	before, ok := e.enter(byte(open))
	if !ok {
		return skip(dec)
	}
	defer func() { e.leave(byte(open)+2, before) }() // } and ] are two after { and [
	for dec.More() {
		if e.over() {
			return nil // the member will be taken back
		}
		if open == '{' {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			if name, _ := key.(string); !e.key(name) {
				var skipped json.RawMessage
				if err := dec.Decode(&skipped); err != nil {
					return err
				}
				continue
			}
		} else {
			e.separate()
		}
		if err := e.copy(dec); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// skip leaves out the rest of the object or array that dec is in.
func skip(dec *json.Decoder) error {
	for depth := 1; depth > 0; {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}
