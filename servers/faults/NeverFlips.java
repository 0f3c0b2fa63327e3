// Defect: flip() is missing between put() and write(): what is sent are the zeros behind the line in the buffer.

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

public class NeverFlips {
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 54321;
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(port), 64);
        System.out.println("Server is listening on port " + port);
        while (true) {
            try {
                SocketChannel client = listener.accept();
                try {
                    new Thread(() -> serve(client)).start();
                } catch (OutOfMemoryError error) {
                    client.close();
                }
            } catch (IOException error) {
                System.err.println(error.getMessage());
            }
        }
    }

    private static void serve(SocketChannel client) {
        try (client) {
            ByteBuffer piece = ByteBuffer.allocate(4096);
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            while (client.read(piece) > 0) {
                line.write(piece.array(), 0, piece.position());
                boolean whole = piece.get(piece.position() - 1) == '\n';
                piece.clear();
                if (whole) {
                    break;
                }
            }
            if (line.size() > 0) {
                ByteBuffer reply = ByteBuffer.allocate(line.size() + 64);
                reply.put(line.toByteArray());
                client.write(reply);
            }
        } catch (IOException error) {
            System.err.println(error.getMessage());
        }
    }
}
