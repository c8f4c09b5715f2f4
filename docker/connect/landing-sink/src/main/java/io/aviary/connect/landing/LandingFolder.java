package io.aviary.connect.landing;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder that readers see, and beside it the one for what is not whole yet. That one is not inside, under a hidden name,
 * because Hive lists hidden names too before it leaves them out: it asks for the size and permissions of each, at any depth, and
 * a query fails when a listed file has gone. So no name below the visible folder ever goes.
 *
 * <p>Not final, so that tests can look between two steps.
 */
class LandingFolder {
  private static final Logger log = LoggerFactory.getLogger(LandingFolder.class);

  private final Path path;
  private final Path unseen;

  LandingFolder(Path path) {
    this.path = path;
    this.unseen = unseen(path);
  }

  static Path unseen(Path path) {
    return path.resolveSibling(path.getFileName() + "-growing");
  }

  Path path() {
    return path;
  }

  /** Makes the folders where they are missing. One that was emptied or deleted means: land everything again. */
  void prepare() {
    try {
      Files.createDirectories(path);
      Files.createDirectories(unseen);
    } catch (FileAlreadyExistsException e) {
      throw fault("is not a folder", e);
    } catch (IOException e) {
      throw fault("cannot be made", e);
    }
    for (Path folder : List.of(path, unseen)) {
      if (!Files.isWritable(folder)) {
        throw fault("cannot be written", new AccessDeniedException(folder.toString()));
      }
    }
  }

  /** Visible files of the partition by their first offset. Throws when a name is nearly one of ours: readers would read it too. */
  List<LandedFile> files(TopicPartition partition) throws IOException {
    Pattern ours = Pattern.compile(Pattern.quote(partition + "-") + "(\\d+)(.*)");
    List<LandedFile> files = new ArrayList<>();
    try (DirectoryStream<Path> names = Files.newDirectoryStream(path)) {
      for (Path file : names) {
        Matcher matcher = ours.matcher(file.getFileName().toString());
        if (!matcher.matches()) {
          continue;
        }
        if (matcher.group(1).length() != 20 || !matcher.group(2).equals(LandedFile.SUFFIX)) {
          throw new ConnectException(file + " was not written by this connector, and readers of the folder would count it. "
              + "Move it out of the folder.");
        }
        files.add(new LandedFile(file, partition, Long.parseLong(matcher.group(1))));
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    files.sort(Comparator.comparingLong(LandedFile::first));
    return files;
  }

  /** Where a file grows until it is whole. One for each partition: what a killed task has left in it is written over. */
  Path growing(TopicPartition partition) {
    return unseen.resolve(partition + LandedFile.SUFFIX);
  }

  /**
   * Makes this task the only writer of the partition until the channel is closed or the process ends. A task that Connect has
   * given up, because it did not stop in time, may still be writing.
   */
  FileChannel lock(TopicPartition partition) throws IOException {
    Path file = unseen.resolve(partition + ".lock");
    FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Another task of this very process.
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new ConnectException("Another task still writes partition " + partition + " in " + path
        + " (it holds " + file + "). Restart this task once that one has ended.");
  }

  /** In one step readers see {@code grown} under the name {@code visible}, whole, instead of what was there before. */
  void publish(Path grown, Path visible) throws IOException {
    Files.move(grown, visible, StandardCopyOption.ATOMIC_MOVE);
    // Without it the name could be forgotten in a power cut although the content was not.
    try (FileChannel folder = FileChannel.open(path, StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  /**
   * What happened, to which folder, and what to do; the watchdog's restart goes on from what has landed. Without {@code e} as its
   * cause: who looks at a failed task is shown the innermost one, and that would no longer name the folder.
   */
  ConnectException fault(String what, IOException e) {
    log.debug("The landing folder {} {}", path, what, e);
    return new ConnectException("The landing folder " + path + " " + what + ": " + reason(e)
        + " (" + freeMegabytes() + "). Nothing is lost: the task goes on from what has landed once that is mended.");
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder: " + e.getMessage();
    }
    if (e instanceof AccessDeniedException) {
      return "access denied: " + e.getMessage();
    }
    // Others carry the system's own words; a bare name as the message says nothing.
    boolean bare = e.getMessage() == null || e instanceof FileSystemException fault && fault.getReason() == null;
    return bare ? e.toString() : e.getMessage();
  }

  private String freeMegabytes() {
    try {
      return Files.getFileStore(path).getUsableSpace() / 1_000_000 + " MB free";
    } catch (IOException e) {
      return "free space unknown";
    }
  }
}
