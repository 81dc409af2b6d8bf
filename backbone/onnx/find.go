package onnx

import (
	"os"
	"path/filepath"
	"runtime"
)

// LibraryEnv names the library, or the folder it is in.
const LibraryEnv = "CODEGRAPH_ONNXRUNTIME"

// libraryNames are what the library's file is called on this system.
func libraryNames() []string {
	switch runtime.GOOS {
	case "windows":
		return []string{"onnxruntime.dll"}
	case "darwin":
		return []string{"libonnxruntime.dylib"}
	}
	return []string{"libonnxruntime.so", "libonnxruntime.so.1"}
}

// places lists where the library is looked for: files, and names that the
// system finds. What the environment names is the only place then.
func places(models string) (files, names []string) {
	add := func(dir string) {
		for _, name := range libraryNames() {
			files = append(files, filepath.Join(dir, name))
		}
	}
	if where := os.Getenv(LibraryEnv); where != "" {
		if stat, err := os.Stat(where); err == nil && stat.IsDir() {
			add(where)
			return files, nil
		}
		return []string{where}, nil
	}
	if program, err := os.Executable(); err == nil {
		add(filepath.Dir(program))
	}
	if models != "" {
		add(models)
	}
	return files, libraryNames()
}
