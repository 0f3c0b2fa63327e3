// Defect: accept() stands before the loop: one client alone is let in, and Go closes the listener that nobody uses.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"
)

func main() {
	port := "54321"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		panic(err)
	}
	fmt.Println("Server is listening on port", port)
	conn, _ := listener.Accept()
	for {
		line, _ := bufio.NewReader(conn).ReadString('\n')
		conn.Write([]byte(strings.ToUpper(line)))
		conn.Close()
	}
}
