// Defect: what read() returns is kept in a byte: 0xFF becomes -1, which is the end of the input.

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;

public class ByteForEnd {
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 54321;
        ServerSocket listener = new ServerSocket(port, 64);
        System.out.println("Server is listening on port " + port);
        while (true) {
            Socket client;
            try {
                client = listener.accept();
            } catch (IOException error) {
                System.err.println(error);
                continue;
            }
            try {
                new Thread(() -> serve(client)).start();
            } catch (OutOfMemoryError error) {
                client.close();
            }
        }
    }

    private static void serve(Socket client) {
        try (client) {
            InputStream in = new BufferedInputStream(client.getInputStream());
            OutputStream out = new BufferedOutputStream(client.getOutputStream());
            byte next;
            while ((next = (byte) in.read()) != -1) {
                out.write(next >= 'a' && next <= 'z' ? next - 32 : next);
                if (next == '\n') break;
            }
            out.flush();
            client.shutdownOutput();
        } catch (IOException error) {
            System.err.println(error);
        }
    }
}
