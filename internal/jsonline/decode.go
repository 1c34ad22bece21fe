package jsonline

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Decode reads a line that is one JSON object and nothing else, not even a line
// break. No key may be twice in it or in one inside it.
func Decode(line string) (map[string]any, error) {
	decoder := json.NewDecoder(strings.NewReader(line))
	value, err := decodeValue(decoder)
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("is a %T", value)
	}
	if decoder.InputOffset() != int64(len(line)) {
		return nil, errors.New("something follows the object")
	}
	return object, nil
}

func decodeValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil || token != json.Delim('{') && token != json.Delim('[') {
		return token, err
	}
	object, list := map[string]any{}, []any{}
	for decoder.More() {
		var key string
		if token == json.Delim('{') {
			k, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			key = k.(string)
			if _, ok := object[key]; ok {
				return nil, fmt.Errorf("key %q is there twice", key)
			}
		}
		value, err := decodeValue(decoder)
		if err != nil {
			return nil, err
		}
		object[key], list = value, append(list, value)
	}
	if _, err := decoder.Token(); err != nil || token == json.Delim('[') {
		return list, err
	}
	return object, nil
}
