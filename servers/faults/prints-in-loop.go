// Defect: the line that names the port is printed before each Accept(), and so once for each client.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"time"
)

func main() {
	port := "54321"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
	for {
		fmt.Println("Server is listening on port", port)
		conn, err := listener.Accept()
		if err != nil {
			time.Sleep(100 * time.Millisecond) // the client is still in the queue
			continue
		}
		go serve(conn)
	}
}

func serve(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewReader(conn)
	line, _ := lines.ReadBytes('\n')
	conn.Write(line)
	lines.Discard(lines.Buffered())
}
