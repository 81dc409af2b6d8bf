//go:build !amd64 || noasm

package dense

func available() []impl { return []impl{portable} }

func availableWords() []wordImpl { return []wordImpl{portableWords, portableBrain} }
