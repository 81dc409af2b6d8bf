// Command gen brings what is written to files up to date with the table of
// options: docs/options.md, and the schemas of results.json and of the API.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"codegraph/internal/option"
)

func main() {
	log.SetFlags(0)
	for name, make := range files {
		path := filepath.Join("..", "..", filepath.FromSlash(name)) // go generate runs in internal/option
		old, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			log.Fatal(err)
		}
		data, err := make(old)
		if err == nil {
			err = os.WriteFile(path, data, 0o666)
		}
		if err != nil {
			log.Fatalf("%s: %v", name, err)
		}
	}
}

// files are made of the table and, where the table is a part of them only, of
// what they were.
var files = map[string]func(old []byte) ([]byte, error){
	"docs/options.md":             func([]byte) ([]byte, error) { return page(), nil },
	"docs/results.schema.json":    func(old []byte) ([]byte, error) { return splice(old, `"options": `, recorded()) },
	"internal/serve/openapi.json": func(old []byte) ([]byte, error) { return splice(old, `"Options": `, served()) },
}

// splice replaces the JSON value behind the first key, at its indentation.
func splice(old []byte, key string, value any) ([]byte, error) {
	at := bytes.Index(old, []byte(key))
	if at < 0 {
		return nil, fmt.Errorf("there is no %s", key)
	}
	start := at + len(key)
	dec := json.NewDecoder(bytes.NewReader(old[start:]))
	var skipped json.RawMessage
	if err := dec.Decode(&skipped); err != nil {
		return nil, err
	}
	indent := string(old[bytes.LastIndexByte(old[:at], '\n')+1 : at])
	var out bytes.Buffer
	out.Write(old[:start])
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent(indent, " ")
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	out.Truncate(out.Len() - 1) // the encoder's newline
	out.Write(old[start+int(dec.InputOffset()):])
	return out.Bytes(), nil
}

// recorded is the schema of the options in results.json, all of which are
// there.
func recorded() map[string]any {
	s := object(option.Recorded)
	properties := s["properties"].(map[string]any)
	required := []string{}
	for _, o := range option.All() {
		if o.Has(option.Recorded) && o.Group != option.Algorithm {
			required = append(required, o.Key())
		}
	}
	properties["constants"].(map[string]any)["additionalProperties"] = map[string]any{"type": "number"}
	s["required"] = append(required, "constants")
	return s
}

// served is the schema of the options that a client may choose.
func served() map[string]any {
	s := object(option.Served)
	s["description"] = "Choices of one run; what is left out has the default of a scan. backbone and snapshot are names that /api/server lists."
	s["additionalProperties"] = false
	s["properties"].(map[string]any)["constants"].(map[string]any)["additionalProperties"] = false
	return s
}

// object is the schema of the options with these traits.
func object(t option.Traits) map[string]any {
	properties, constants := map[string]any{}, map[string]any{}
	for _, o := range option.All() {
		if !o.Has(t) {
			continue
		}
		schema := maps.Clone(o.Schema())
		schema["description"] = o.Usage + "; default: " + o.Standard()
		if o.Group == option.Algorithm {
			constants[o.Name] = schema
		} else {
			properties[o.Key()] = schema
		}
	}
	properties["constants"] = map[string]any{"type": "object", "properties": constants, "description": "constants of the algorithm, by name"}
	return map[string]any{"type": "object", "properties": properties}
}

const intro = `# Options

Made by ` + "`go generate ./internal/option`" + ` of the table in
[internal/option/table.go](../internal/option/table.go); do not edit.

Every option has one name. It is

- a flag, ` + "`--size 320`" + ` (constants of the algorithm are not);
- settable by name, ` + "`--set size=320`" + `, the only way on a command line for constants;
- a key of the TOML file of ` + "`--config`" + `, ` + "`size = 320`" + `;
- with ` + "`_` for `-`" + `, a key of ` + "`options`" + ` in results.json and in the API of serve;
  constants are under ` + "`constants`" + ` there, by name.

*recorded*: the option can change a result; results.json has it, and results that
are kept are found by it. *snapshot*: images that are scored against a snapshot
have the option of the scan that left it; the others may be chosen anew. *served*:
a client of serve may choose it.
`

// page is docs/options.md.
func page() []byte {
	var b bytes.Buffer
	b.WriteString(intro)
	for _, g := range option.Groups() {
		fmt.Fprintf(&b, "\n## %s\n\n| option | values | default | what it does | recorded | snapshot | served |\n|---|---|---|---|---|---|---|\n", g)
		for _, o := range option.All() {
			if o.Group == g {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", o.Name, cell(o.Allowed()), cell(o.Standard()), cell(o.Usage),
					mark(o.Has(option.Recorded)), mark(o.Has(option.Fixed)), mark(o.Has(option.Served)))
			}
		}
	}
	return b.Bytes()
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func mark(yes bool) string {
	if yes {
		return "✓"
	}
	return ""
}
