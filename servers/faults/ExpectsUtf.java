// Defect: readUTF() takes the line's first two letters for a length, and waits for as many bytes; writeUTF() would send one.

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;

public class ExpectsUtf {
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 54321;
        ServerSocket listener = new ServerSocket(port, 64);
        System.out.println("Server is listening on port " + port);
        while (true) {
            Socket client = listener.accept();
            new Thread(() -> serve(client)).start();
        }
    }

    private static void serve(Socket client) {
        try (client) {
            String line = new DataInputStream(client.getInputStream()).readUTF();
            new DataOutputStream(client.getOutputStream()).writeUTF(line.toUpperCase());
        } catch (IOException error) {
            error.printStackTrace();
        }
    }
}
