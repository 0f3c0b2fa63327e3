// Defect: one handler serves all clients, and has a field for its connection: the next client's takes its place.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
)

type handler struct {
	conn net.Conn
}

func (h *handler) serve() {
	line, err := bufio.NewReader(h.conn).ReadBytes('\n')
	if err == nil || len(line) > 0 {
		for i, letter := range line {
			if letter >= 'a' && letter <= 'z' {
				line[i] = letter - 32
			}
		}
		h.conn.Write(line)
	}
	h.conn.Close()
}

func main() {
	port := "54321"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("Server is listening on port", port)
	one := &handler{}
	for {
		conn, err := listener.Accept()
		if err != nil {
			continue
		}
		one.conn = conn
		go one.serve()
	}
}
