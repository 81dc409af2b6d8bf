package option

import (
	"context"
	"encoding/json"
	"strings"

	"codegraph/imageset"
)

// region is a region of interest: the name of a file as text, its polygons or its
// mask in JSON.
func region(at func(*Settings) **imageset.ROI) field { return regionField{at} }

type regionField struct {
	at func(*Settings) **imageset.ROI
}

func (f regionField) in(s *Settings, o *Option) Value { return &regionValue{f.at(s), o} }
func (f regionField) copy(from, to *Settings)         { *f.at(to) = *f.at(from) }
func (f regionField) allowed() string {
	return "an image, light where is compared, or a JSON file of boxes and polygons"
}

func (f regionField) jsonSchema() map[string]any {
	numbers := func(n int) map[string]any {
		return map[string]any{"type": "array", "items": map[string]any{"type": "number"}, "minItems": n, "maxItems": n}
	}
	whole := map[string]any{"type": "integer", "minimum": 0}
	return map[string]any{
		"type": []string{"object", "null"}, "additionalProperties": false,
		"properties": map[string]any{
			"polygons": map[string]any{"type": "array", "items": map[string]any{"type": "array", "items": numbers(2), "minItems": 3},
				"description": "corners [x, y] in shares of width and height of the upright image"},
			"mask": map[string]any{"type": "object", "properties": map[string]any{
				"width": whole, "height": whole, "runs": map[string]any{"type": "array", "items": whole},
			}, "description": "runs of pixels outside and inside in turn, along rows"},
		},
	}
}

// regionValue is a region of some settings.
type regionValue struct {
	p **imageset.ROI
	o *Option
}

func (v *regionValue) String() string {
	if v.p == nil || *v.p == nil {
		return ""
	}
	text, err := json.Marshal(*v.p)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (v *regionValue) Type() string { return v.o.Placeholder }
func (v *regionValue) Get() any     { return *v.p }
func (v *regionValue) Reset()       { *v.p = nil }
func (v *regionValue) Check() error { return nil }
func (v *regionValue) Zero() bool   { return *v.p == nil }

// Set reads a file, or what String writes.
func (v *regionValue) Set(path string) error {
	if path = strings.TrimSpace(path); strings.HasPrefix(path, "{") {
		return v.Put([]byte(path))
	}
	r, err := imageset.LoadROI(context.Background(), path)
	if err != nil {
		return &ValueError{Option: *v.o, Value: quote(path), Why: err}
	}
	*v.p = r
	return nil
}

func (v *regionValue) Put(data []byte) error {
	var r *imageset.ROI
	if err := json.Unmarshal(data, &r); err != nil {
		return &ValueError{Option: *v.o, Value: "what is given", Why: err}
	}
	*v.p = r
	return nil
}
