// Defect: each goroutine captures the one variable of the loop, and writes to whoever has come last.
package main

import (
	"bufio"
	"fmt"
	"log"
	"net"
	"os"
)

func main() {
	port := "54321"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("Server is listening on port", port)
	var conn net.Conn
	for {
		conn, err = listener.Accept()
		if err != nil {
			log.Println(err)
			continue
		}
		go func() {
			defer conn.Close()
			line, _ := bufio.NewReader(conn).ReadBytes('\n')
			for i, letter := range line {
				if letter >= 'a' && letter <= 'z' {
					line[i] = letter - 32
				}
			}
			conn.Write(line)
		}()
	}
}
