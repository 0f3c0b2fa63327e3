// Defect: the loop takes no key out of selectedKeys(): for the listener's old key accept() returns null.

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

public class SelectedKeyStays {
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 54321;
        Selector selector = Selector.open();
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(port), 64);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        System.out.println("Server is listening on port " + port);
        while (true) {
            selector.select();
            for (SelectionKey key : selector.selectedKeys()) {
                if (key.isAcceptable()) {
                    SocketChannel client = listener.accept();
                    client.configureBlocking(false);
                    client.register(selector, SelectionKey.OP_READ, ByteBuffer.allocate(65536));
                } else if (key.isReadable()) {
                    answer((SocketChannel) key.channel(), (ByteBuffer) key.attachment());
                }
            }
        }
    }

    private static void answer(SocketChannel client, ByteBuffer line) throws IOException {
        int came = client.read(line);
        if (came > 0 && line.get(line.position() - 1) != '\n') return;
        byte[] reply = new byte[line.flip().limit()];
        line.get(reply);
        for (int i = 0; i < reply.length; i++) if (reply[i] >= 'a' && reply[i] <= 'z') reply[i] -= 32;
        client.write(ByteBuffer.wrap(reply));
        client.close();
    }
}
