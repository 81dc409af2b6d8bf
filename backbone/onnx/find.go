package onnx

import (
	"os"
	"path/filepath"
	"runtime"
)

// LibraryEnv names the library, or the folder it is in.
const LibraryEnv = "CODEGRAPH_ONNXRUNTIME"

// libraryPattern matches the library's file where only one with its release in
// its name is there, as in the folder that pip installs.
func libraryPattern() string {
	switch runtime.GOOS {
	case "windows":
		return "onnxruntime*.dll"
	case "darwin":
		return "libonnxruntime.*.dylib"
	}
	return "libonnxruntime.so.*"
}

// inFolder lists the files in a folder that can be the library, those of the
// usual names first, whether they are there or not. It looks into lib, as in the
// releases' archives, and capi, as in pip's package, too.
func inFolder(dir string) (files []string) {
	for _, name := range libraryNames() {
		files = append(files, filepath.Join(dir, name))
	}
	for _, sub := range []string{"", "lib", "capi"} {
		for _, pattern := range append(libraryNames(), libraryPattern()) {
			found, err := filepath.Glob(filepath.Join(dir, sub, pattern))
			if err == nil {
				files = append(files, found...)
			}
		}
	}
	return files
}

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
// system finds. What the environment names is the only place then; otherwise
// these are the program's folder, the models folder and the package of an active
// virtual environment of Python.
func places(models string) (files, names []string) {
	if where := os.Getenv(LibraryEnv); where != "" {
		if stat, err := os.Stat(where); err == nil && stat.IsDir() {
			return inFolder(where), nil
		}
		return []string{where}, nil
	}
	if program, err := os.Executable(); err == nil {
		files = append(files, inFolder(filepath.Dir(program))...)
	}
	if models != "" {
		files = append(files, inFolder(models)...)
	}
	if venv := os.Getenv("VIRTUAL_ENV"); venv != "" {
		packages, err := filepath.Glob(filepath.Join(venv, "lib", "python*", "site-packages", "onnxruntime"))
		for _, dir := range packages {
			if err == nil {
				files = append(files, inFolder(dir)...)
			}
		}
	}
	return files, libraryNames()
}
